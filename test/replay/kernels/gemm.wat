  (func (;tiles 6 2 false  [{"shape":[1,16,12,12],"operands":[{"strides":[0,1,0,0],"offset":0}],"expression":{"kind":"binary","name":"maximum","a":{"kind":"binary","name":"add","a":{"kind":"operand","index":0},"b":{"kind":"operand","index":1}},"b":{"kind":"constant","value":0}}},[1,16,12,12],[{"count":1,"axis":1,"step":16}],[{"count":16,"axis":1,"step":1}],[{"count":1,"axis":0,"step":1},{"count":12,"axis":2,"step":1},{"count":12,"axis":3,"step":1}],[0,0,0,0]];) (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local i32 i32 i32 i32 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 v128 v128 v128 i32 i32 i32 v128 v128 v128 i32 i32 v128 v128 v128 i32 i32 v128 v128 v128 i32 i32 v128 v128 v128 i32 i32 v128 v128 v128 i32 i32 v128 v128 v128 i32 i32 i32 i32 i32 v128 v128 v128)
    local.get 10
    local.set 13
    local.get 11
    local.set 15
    local.get 13
    local.get 6
    i32.const 576
    i32.mul
    i32.add
    local.set 14
    local.get 15
    local.get 6
    i32.const 4
    i32.mul
    i32.add
    local.set 16
    local.get 14
    local.set 17
    local.get 16
    local.set 18
    loop
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 19
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 20
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 21
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 22
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 23
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 24
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 25
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 26
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 27
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 28
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 29
      v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
      local.set 30
      local.get 0
      local.set 31
      block
        loop
          local.get 2
          v128.load
          local.set 33
          local.get 2
          v128.load offset=16
          local.set 34
          local.get 31
          v128.load32_splat
          local.set 35
          local.get 35
          local.get 33
          local.get 19
          f32x4.relaxed_madd
          local.set 19
          local.get 35
          local.get 34
          local.get 20
          f32x4.relaxed_madd
          local.set 20
          local.get 31
          i32.eqz
          br_if 1
          local.get 31
          v128.load32_splat offset=4
          local.set 35
          local.get 35
          local.get 33
          local.get 21
          f32x4.relaxed_madd
          local.set 21
          local.get 35
          local.get 34
          local.get 22
          f32x4.relaxed_madd
          local.set 22
          local.get 31
          i32.eqz
          br_if 1
          local.get 31
          v128.load32_splat offset=8
          local.set 35
          local.get 35
          local.get 33
          local.get 23
          f32x4.relaxed_madd
          local.set 23
          local.get 35
          local.get 34
          local.get 24
          f32x4.relaxed_madd
          local.set 24
          local.get 31
          i32.eqz
          br_if 1
          local.get 31
          v128.load32_splat offset=12
          local.set 35
          local.get 35
          local.get 33
          local.get 25
          f32x4.relaxed_madd
          local.set 25
          local.get 35
          local.get 34
          local.get 26
          f32x4.relaxed_madd
          local.set 26
          local.get 31
          i32.eqz
          br_if 1
          local.get 31
          v128.load32_splat offset=16
          local.set 35
          local.get 35
          local.get 33
          local.get 27
          f32x4.relaxed_madd
          local.set 27
          local.get 35
          local.get 34
          local.get 28
          f32x4.relaxed_madd
          local.set 28
          local.get 31
          i32.eqz
          br_if 1
          local.get 31
          v128.load32_splat offset=20
          local.set 35
          local.get 35
          local.get 33
          local.get 29
          f32x4.relaxed_madd
          local.set 29
          local.get 35
          local.get 34
          local.get 30
          f32x4.relaxed_madd
          local.set 30
          local.get 31
          i32.const 24
          i32.add
          local.set 31
          local.get 2
          i32.const 32
          i32.add
          local.set 2
          local.get 31
          local.get 1
          i32.lt_u
          br_if 0
        end
      end
      local.get 4
      i32.load offset=4
      if
        local.get 4
        i32.load
        local.set 36
        local.get 17
        i32.const 0
        i32.add
        local.get 36
        i32.add
        local.set 37
        local.get 18
        i32.const 0
        i32.add
        local.set 38
        local.get 38
        v128.load32_splat
        local.set 39
        local.get 19
        local.get 39
        f32x4.add
        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
        f32x4.pmax
        local.set 40
        local.get 37
        local.get 40
        v128.store
        local.get 20
        local.get 39
        f32x4.add
        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
        f32x4.pmax
        local.set 41
        local.get 37
        local.get 41
        v128.store offset=16
        local.get 6
        i32.const 1
        i32.add
        i32.const 16
        i32.lt_s
        if
          local.get 17
          i32.const 576
          i32.add
          local.get 36
          i32.add
          local.set 42
          local.get 18
          i32.const 4
          i32.add
          local.set 43
          local.get 43
          v128.load32_splat
          local.set 44
          local.get 21
          local.get 44
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 45
          local.get 42
          local.get 45
          v128.store
          local.get 22
          local.get 44
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 46
          local.get 42
          local.get 46
          v128.store offset=16
        end
        local.get 6
        i32.const 2
        i32.add
        i32.const 16
        i32.lt_s
        if
          local.get 17
          i32.const 1152
          i32.add
          local.get 36
          i32.add
          local.set 47
          local.get 18
          i32.const 8
          i32.add
          local.set 48
          local.get 48
          v128.load32_splat
          local.set 49
          local.get 23
          local.get 49
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 50
          local.get 47
          local.get 50
          v128.store
          local.get 24
          local.get 49
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 51
          local.get 47
          local.get 51
          v128.store offset=16
        end
        local.get 6
        i32.const 3
        i32.add
        i32.const 16
        i32.lt_s
        if
          local.get 17
          i32.const 1728
          i32.add
          local.get 36
          i32.add
          local.set 52
          local.get 18
          i32.const 12
          i32.add
          local.set 53
          local.get 53
          v128.load32_splat
          local.set 54
          local.get 25
          local.get 54
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 55
          local.get 52
          local.get 55
          v128.store
          local.get 26
          local.get 54
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 56
          local.get 52
          local.get 56
          v128.store offset=16
        end
        local.get 6
        i32.const 4
        i32.add
        i32.const 16
        i32.lt_s
        if
          local.get 17
          i32.const 2304
          i32.add
          local.get 36
          i32.add
          local.set 57
          local.get 18
          i32.const 16
          i32.add
          local.set 58
          local.get 58
          v128.load32_splat
          local.set 59
          local.get 27
          local.get 59
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 60
          local.get 57
          local.get 60
          v128.store
          local.get 28
          local.get 59
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 61
          local.get 57
          local.get 61
          v128.store offset=16
        end
        local.get 6
        i32.const 5
        i32.add
        i32.const 16
        i32.lt_s
        if
          local.get 17
          i32.const 2880
          i32.add
          local.get 36
          i32.add
          local.set 62
          local.get 18
          i32.const 20
          i32.add
          local.set 63
          local.get 63
          v128.load32_splat
          local.set 64
          local.get 29
          local.get 64
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 65
          local.get 62
          local.get 65
          v128.store
          local.get 30
          local.get 64
          f32x4.add
          v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
          f32x4.pmax
          local.set 66
          local.get 62
          local.get 66
          v128.store offset=16
        end
      else
        local.get 5
        local.get 19
        v128.store
        local.get 5
        local.get 20
        v128.store offset=16
        local.get 5
        local.get 21
        v128.store offset=32
        local.get 5
        local.get 22
        v128.store offset=48
        local.get 5
        local.get 23
        v128.store offset=64
        local.get 5
        local.get 24
        v128.store offset=80
        local.get 5
        local.get 25
        v128.store offset=96
        local.get 5
        local.get 26
        v128.store offset=112
        local.get 5
        local.get 27
        v128.store offset=128
        local.get 5
        local.get 28
        v128.store offset=144
        local.get 5
        local.get 29
        v128.store offset=160
        local.get 5
        local.get 30
        v128.store offset=176
        local.get 6
        local.set 69
        local.get 5
        local.set 70
        i32.const 0
        local.set 67
        block
          loop
            local.get 69
            i32.const 16
            i32.lt_s
            if
              local.get 13
              local.get 69
              i32.const 576
              i32.mul
              i32.add
              local.set 14
              local.get 15
              local.get 69
              i32.const 4
              i32.mul
              i32.add
              local.set 16
              local.get 4
              i32.const 16
              i32.add
              local.set 71
              i32.const 0
              local.set 68
              block
                loop
                  local.get 71
                  i32.load offset=20
                  i32.const 0
                  i32.gt_s
                  if
                    local.get 71
                    local.set 12
                    local.get 70
                    v128.load
                    local.set 72
                    local.get 16
                    v128.load32_splat
                    local.set 73
                    local.get 72
                    local.get 73
                    f32x4.add
                    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                    f32x4.pmax
                    local.set 74
                    local.get 12
                    i32.load offset=16
                    if
                      local.get 14
                      local.get 12
                      i32.load
                      i32.add
                      local.get 74
                      v128.store
                    else
                      local.get 14
                      local.get 12
                      i32.load
                      i32.add
                      local.get 74
                      v128.store32_lane 0
                      local.get 71
                      i32.load offset=20
                      i32.const 1
                      i32.gt_s
                      if
                        local.get 14
                        local.get 12
                        i32.load offset=4
                        i32.add
                        local.get 74
                        v128.store32_lane 1
                      end
                      local.get 71
                      i32.load offset=20
                      i32.const 2
                      i32.gt_s
                      if
                        local.get 14
                        local.get 12
                        i32.load offset=8
                        i32.add
                        local.get 74
                        v128.store32_lane 2
                      end
                      local.get 71
                      i32.load offset=20
                      i32.const 3
                      i32.gt_s
                      if
                        local.get 14
                        local.get 12
                        i32.load offset=12
                        i32.add
                        local.get 74
                        v128.store32_lane 3
                      end
                    end
                  end
                  local.get 71
                  i32.const 64
                  i32.add
                  local.set 71
                  local.get 70
                  i32.const 16
                  i32.add
                  local.set 70
                  local.get 68
                  i32.const 1
                  i32.add
                  local.set 68
                  local.get 68
                  i32.const 2
                  i32.lt_s
                  br_if 0
                end
              end
            end
            local.get 69
            i32.const 1
            i32.add
            local.set 69
            local.get 67
            i32.const 1
            i32.add
            local.set 67
            local.get 67
            i32.const 6
            i32.lt_s
            br_if 0
          end
        end
      end
      local.get 4
      i32.const 144
      i32.add
      local.set 4
      local.get 3
      i32.const -1
      i32.add
      local.set 3
      local.get 3
      br_if 0
    end
  )
